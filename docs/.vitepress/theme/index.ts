import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import "./colors.css";
import "./doc.css";
import "./home.css";

export default { extends: DefaultTheme } satisfies Theme;
