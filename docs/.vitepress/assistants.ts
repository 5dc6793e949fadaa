import type { UserConfig } from "vitepress";
import llmstxt from "vitepress-plugin-llms";
import { homepage } from "./site.ts";

/** The plugin's types are those of another major version of Vite than VitePress has. */
type Plugins = NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>;

const DETAILS = `popp-webhooks is a TypeScript SDK that receives the webhooks of Popp, an AI recruiting platform.
Popp documents only a part of its webhooks: "Seen and assumed" says which.
To add it to a project, follow the [skill](/skill.md).`;

/** Writes llms.txt, llms-full.txt and each page as Markdown. The API reference is a page of its own, not part of llms-full.txt. */
export const textForAssistants = (): Plugins =>
  llmstxt({
    ...(homepage && { domain: homepage.replace(/\/$/, "") }),
    details: DETAILS,
    injectLLMHint: false,
    excludeIndexPage: true,
    ignoreFiles: ["examples/*/**", "*.generated.md", "public/**"],
    ignoreFilesPerOutput: { llmsFullTxt: ["api/**", "changelog.md"] },
  }) as unknown as Plugins;
