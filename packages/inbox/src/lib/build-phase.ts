/** Commands that import an app's modules to build it, by the file that Node runs. */
const BUILDERS =
  /(?:^|[\\/])(?:next|nuxt|nuxi|nitro(?:pack)?|vite|astro|react-router|svelte-kit|remix|waku|vinxi)(?:[.-][\w.-]*)?$/;
const BUILD_COMMANDS: readonly unknown[] = ["build", "generate", "prerender", "export"];

interface Host {
  readonly process?: {
    readonly env?: { readonly NEXT_PHASE?: string };
    readonly argv?: readonly string[];
  };
}

/**
 * The command that is building the app in this process; undefined when the app runs.
 *
 * Next sets `NEXT_PHASE`, in its workers too. Other frameworks are recognized by the command that started the process.
 */
export function buildCommand(): string | undefined {
  try {
    const { env, argv } = (globalThis as Host).process ?? {};
    if (/^phase-(?:production-build|export)$/.test(env?.NEXT_PHASE ?? "")) return "next build";
    const [, file = "", command] = argv ?? [];
    const [name] = BUILDERS.exec(file) ?? [];
    const isBuild = name !== undefined && BUILD_COMMANDS.includes(command);
    return isBuild ? `${name.replace(/^[\\/]/, "").replace(/\..*$/, "")} ${command}` : undefined;
  } catch {
    // Some edge sandboxes have a `process` that throws at every access.
    return undefined;
  }
}
