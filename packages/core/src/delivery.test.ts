import { expect, it, vi } from "vitest";
import { createReceiver } from "./receiver.ts";

it("does not look at a body that the headers alone refuse: a server would wait for it to be read, and close the connection", async () => {
  const request = new Request("https://app.example/", {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body: "{}",
  });
  const look = vi.spyOn(request, "body", "get");

  const response = await createReceiver({ secret: "secret", on: {} }).fetch(request);

  expect(response.status).toBe(415);
  expect(look).not.toHaveBeenCalled();
});
