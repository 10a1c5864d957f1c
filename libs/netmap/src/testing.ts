export { netmapsOf } from './testing/oracle.js';
