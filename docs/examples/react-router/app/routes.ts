import { type RouteConfig, route } from "@react-router/dev/routes";

export default [route("webhooks/popp", "routes/popp.ts")] satisfies RouteConfig;
