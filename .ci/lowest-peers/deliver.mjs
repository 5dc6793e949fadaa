// Sends deliveries to each adapter with the lowest version of its framework that the peer range allows.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createReceiver } from "@popp-webhooks/core";
import { toExpressHandler } from "@popp-webhooks/express";
import { toFastifyPlugin } from "@popp-webhooks/fastify";
import { toHonoHandler } from "@popp-webhooks/hono";
import { toNextRoute } from "@popp-webhooks/next";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";

const secret = "the signing secret";
const path = "/webhooks/popp";
const receiver = () => createReceiver({ secret, on: { CONVERSATION_STARTED: () => {} }, onError: () => {} });

/** Sends one delivery, which is handled, and one with a wrong signature, which is refused. */
async function check(name, send, url = `http://localhost${path}`) {
  const deliver = async (key) => send(await signedRequest(fixture("CONVERSATION_STARTED"), { secret: key, url }));
  assert.deepEqual([(await deliver(secret)).status, (await deliver("another")).status], [200, 401], name);
}

const server = createServer(express().use(path, toExpressHandler(receiver()))).listen(0, "127.0.0.1");
await once(server, "listening");
await check("express", fetch, `http://127.0.0.1:${server.address().port}${path}`);
server.close();

const fastify = Fastify();
await fastify.register(toFastifyPlugin(receiver()), { prefix: path });
await check("fastify", fetch, `${await fastify.listen({ port: 0, host: "127.0.0.1" })}${path}`);
await fastify.close();

const hono = new Hono().post(path, toHonoHandler(receiver()));
await check("hono", (request) => hono.fetch(request));

await check("next", toNextRoute(receiver()).POST);
console.log("each adapter handles a delivery and refuses a forged one");
process.exit();
