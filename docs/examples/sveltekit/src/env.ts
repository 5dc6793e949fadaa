import { defineEnvVars } from "@sveltejs/kit/env";

export const variables = defineEnvVars({
  // Optional, so that the app starts without it; a delivery then says what is missing.
  POPP_WEBHOOK_SECRET: { schema: (value: string | undefined) => value },
});
