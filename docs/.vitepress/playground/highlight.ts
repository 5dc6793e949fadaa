/** A piece of code of one color. */
export interface Token {
  readonly text: string;
  readonly kind: "comment" | "string" | "keyword" | "plain";
}

const TOKENS =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|'[^']*')|(?<keyword>\b(?:import|from|export|const|async)\b)/g;

/** Splits code into pieces to color. The page has no other code than the few lines that it writes. */
export function highlight(code: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: text, index, groups = {} } of code.matchAll(TOKENS)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) as Token["kind"];
    tokens.push({ text: code.slice(end, index), kind: "plain" }, { text, kind });
    end = index + text.length;
  }
  return [...tokens, { text: code.slice(end), kind: "plain" }].filter(({ text }) => text !== "") as Token[];
}
