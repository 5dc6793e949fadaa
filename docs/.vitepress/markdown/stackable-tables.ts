import type { MarkdownRenderer } from "vitepress";

type Token = ReturnType<MarkdownRenderer["parse"]>[number];

const ROLES: Readonly<Record<string, string>> = {
  table_open: "table",
  thead_open: "rowgroup",
  tbody_open: "rowgroup",
  tr_open: "row",
  th_open: "columnheader",
  td_open: "cell",
};

/**
 * Labels each cell of a table with its column, so that a narrow screen can show each row as a card. The roles keep it a
 * table for screen readers, whatever `display` makes of it. Names in code may break after `_`, `.` and `/`.
 */
export function stackableTables(md: MarkdownRenderer): void {
  md.core.ruler.push("stackable_tables", ({ tokens }) => label(tokens));
  const inline = md.renderer.rules.code_inline;
  md.renderer.rules.code_inline = (tokens, at, options, env, self) =>
    (inline?.(tokens, at, options, env, self) ?? "").replace(/>([^<]+)</, (_, code: string) => `>${breakable(code)}<`);
}

const breakable = (code: string) => code.replace(/[_./](?=\w\w)/g, "$&<wbr>");

function label(tokens: readonly Token[]): void {
  let labels: string[] = [];
  let column = 0;
  for (const [at, token] of tokens.entries()) {
    const role = ROLES[token.type];
    if (role) token.attrSet("role", role);
    if (token.type === "th_open" && tokens[at + 1]?.content === "") unhead(token, tokens[at + 2]);
    if (token.type === "table_open") labels = [];
    if (token.type === "tr_open") column = 0;
    if (token.type === "th_open") labels.push(textOf(tokens[at + 1]));
    if (token.type !== "td_open") continue;
    const text = labels[column++];
    if (text) token.attrSet("data-label", text);
    if (tokens[at + 1]?.content === "") token.attrJoin("class", "empty");
  }
}

/** A column without a name: a header cell without text says nothing to a screen reader. */
function unhead(open: Token, close: Token | undefined): void {
  open.tag = "td";
  open.attrSet("role", "cell");
  if (close) close.tag = "td";
}

const textOf = (cell: Token | undefined) => (cell?.children ?? []).map(({ content }) => content).join("");
