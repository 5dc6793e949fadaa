/** A line of a history as SQL: the numbers -1, -2 and so on in the line become the values of the expressions. */
export function lineOf(line: string, ...expressions: readonly string[]): string {
  return `('${line.replace(/-(\d)\b/g, (_, at: string) => `' || ${expressions[Number(at) - 1]} || '`)}')`;
}
