/** How many letters must change, at most, for a name to be taken for a misspelling. */
const MAX_DISTANCE = 0.4;

/** Returns the known name that a misspelt one is nearest to; undefined when none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = normalized(name);
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, normalized(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best && best.distance <= Math.max(2, wanted.length * MAX_DISTANCE)) return best.candidate;
  return known.find((candidate) => wanted.length >= 4 && normalized(candidate).includes(wanted));
}

const normalized = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");

/** The number of letters to add, to remove or to replace (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
