export type { PersonKey, PersonKeys } from './person-keys.js';
export { openPersonalData, sealPersonalData } from './personal-data.js';
export { erasedName } from './sealed-text.js';
