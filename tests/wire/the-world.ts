import { World } from "./world";

/** The one world of all tests here; it stands when the first of them begins. */
export const world = new World();

before(() => world.begin());
