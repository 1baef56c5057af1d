import { TestEnvironment } from "./test-environment";

/**
 * The environment that all tests here share, started before the first of them. The files run in the order of
 * `.mocharc.json`, since the platform goes on from one to the next: from ingress-nginx to Traefik, then to Gateway API.
 */
export let environment: TestEnvironment;

before(async () => {
  environment = await TestEnvironment.start("nginx");
});
