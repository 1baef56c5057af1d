import { measureSpeed } from "./measure-speed";
import { environment } from "./shared-environment";

describe("speed", () => {
  it("is measured beside the same client straight to the backend", async () =>
    environment.log(await measureSpeed()));
});
