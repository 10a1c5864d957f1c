export { answerTo, opt, question, read } from './testing/ask.js';
