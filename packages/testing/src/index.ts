/**
 * Signs, sends and stages Popp webhook deliveries in your tests.
 *
 * @packageDocumentation
 */

export type { ChaosAnswer, ChaosEndpoint, ChaosScenario, ChaosStage, ScenarioName } from "./chaos/scenario.ts";
export { scenarios } from "./chaos/scenarios.ts";
export { type ChaosResult, type RunChaosOptions, runChaos } from "./chaos.ts";
export { eventNames, type FixtureOverrides, fixture } from "./fixture.ts";
export { type SignPayloadOptions, signPayload } from "./sign-payload.ts";
export { type SignedRequestOptions, signedRequest } from "./signed-request.ts";
