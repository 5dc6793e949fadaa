import { report } from "../report.ts";

addEventListener("fetch", (event) => {
  if ("respondWith" in event && typeof event.respondWith === "function")
    event.respondWith(report().then((done) => Response.json(done)));
});
