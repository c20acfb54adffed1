/** The way from pictures to the kernel that made them: one model, whatever is on the page. */

import { addKernel } from "./shared.js";

function initialize({ model }) {
  addKernel(model.get("kernel"), model);
}

export default { initialize };
