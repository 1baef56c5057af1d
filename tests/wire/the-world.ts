import { World } from "./world";

/**
 * The one world of all tests here; it stands when the first of them begins. The files are run in the order of
 * `.mocharc.json`, since the platform goes on from one to the next: from ingress-nginx to Traefik, then to Gateway API.
 */
export let world: World;

before(async () => {
  world = await World.start("nginx");
});
