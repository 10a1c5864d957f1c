export type { PersonKey, PersonKeys } from './person-keys.js';
export { openPersonalData, peopleIn, sealPersonalData } from './personal-data.js';
export { erasedName } from './sealed-text.js';
