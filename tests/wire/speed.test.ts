import { measureSpeed } from "./measure-speed";
import { environment } from "./shared-environment";

describe("speed", () => {
  it("is measured in comparison to requests straight to the backend", async () =>
    environment.log(await measureSpeed()));
});
