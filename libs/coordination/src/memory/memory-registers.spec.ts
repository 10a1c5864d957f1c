import { registersContract } from '../testing/registers-contract.js';
import { MemoryRegisters } from './memory-registers.js';

registersContract('memory', { shared: false, persistent: false }, async () => ({
  open: async () => new MemoryRegisters(),
  dispose: async () => {},
}));
