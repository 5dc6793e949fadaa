import { describeStore } from "@popp-webhooks/testing/store";
import { memoryStore } from "./memory.ts";

describeStore("memory", async () => {
  const store = memoryStore();
  return { store, connect: async () => store, close: () => store.close() };
});
