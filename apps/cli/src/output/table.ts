import { stripVTControlCharacters } from 'node:util';

/** The columns that a text takes on a terminal, without its colours. */
const width = (text: string): number => [...stripVTControlCharacters(text)].length;

/**
 * Rows as aligned columns, two spaces apart, without trailing blanks.
 * @param right indexes of the columns that align to the right (numbers)
 * @param widths of the columns, at least; what is wider widens them, for the rows that come later
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  widths: number[] = [],
): string[] {
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - width(cell));
        return right.includes(column) ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}
