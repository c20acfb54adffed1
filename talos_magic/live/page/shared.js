/** What the outputs of one page share; each has its own copy of these modules. */

const shared = (globalThis[Symbol.for("talos_magic")] ??= {
  kernels: new Map(), // models that reach a kernel, by its name
  looks: new Map(), // of the views, by their scans: the picture goes on with that of the live view
  arrivals: new EventTarget(),
});

/** Keep the model through which pictures reach a kernel. */
export function addKernel(name, model) {
  shared.kernels.set(name, model);
  shared.arrivals.dispatchEvent(new Event("kernel"));
}

export const kernelNamed = (name) => shared.kernels.get(name);

/** Call a function whenever a kernel is added; returns a function that ends this. */
export function onKernel(call) {
  shared.arrivals.addEventListener("kernel", call);
  return () => shared.arrivals.removeEventListener("kernel", call);
}

export const keepLook = (scan, look) => shared.looks.set(scan, look);
export const keptLook = (scan) => shared.looks.get(scan);
