import { describe, expect, it } from '@jest/globals';
import { formatTable } from './table.js';

describe('formatTable', () => {
  it('aligns columns by what is seen, not by colour codes', () => {
    const rows = [
      ['NAME', 'MS'],
      ['\u001b[31mé\u001b[39m', '1000'],
      ['dev-1', '7'],
    ];
    expect(formatTable(rows, [1])).toEqual(['NAME     MS', '\u001b[31mé\u001b[39m      1000', 'dev-1     7']);
  });

  it('leaves no blanks at the end of a line, and copes with no rows', () => {
    expect(
      formatTable([
        ['a', ''],
        ['long', 'x'],
      ]),
    ).toEqual(['a', 'long  x']);
    expect(formatTable([])).toEqual([]);
  });
});
