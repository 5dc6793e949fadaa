/** A plugin of typedoc: names each module by what a user imports, such as `@popp-webhooks/inbox/sqlite`. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Application, Converter, type DeclarationReflection, ReflectionKind } from "typedoc";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
}

/** The name of each entry by its source file. */
const nameBySource = new Map(
  globSync("*/package.json", { cwd: packages }).flatMap((file) => {
    const { name, exports = {} }: Manifest = JSON.parse(readFileSync(join(packages, file), "utf8"));
    return Object.entries(exports).flatMap(([subpath, target]): [string, string][] => {
      const source = typeof target === "string" ? undefined : target["@popp-webhooks/source"];
      return typeof source === "string" ? [[join(packages, file, "..", source), `${name}${subpath.slice(1)}`]] : [];
    });
  }),
);

export function load(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection: DeclarationReflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const source = context.project.getSymbolIdFromReflection(reflection)?.fileName;
    const name = source && nameBySource.get(source);
    if (name) reflection.name = name;
  });
}
