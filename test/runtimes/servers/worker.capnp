using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # User.com's stand-in is on loopback.
    (name = "internet", network = (allow = ["local", "private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

# No flag for Node's modules: the relay needs none.
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "API_URL", fromEnvironment = "API_URL"),
    (name = "SILENT_URL", fromEnvironment = "SILENT_URL"),
  ],
);
