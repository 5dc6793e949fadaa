/** The address of the docs: `homepage` in the package.json of the root, which a test compares. Empty until it is set. */
export const DOCS_ADDRESS = "";

/** Where a reader finds the page of an error code. */
export function pageOf(code: string): string {
  return `${DOCS_ADDRESS}errors/${code}`;
}
