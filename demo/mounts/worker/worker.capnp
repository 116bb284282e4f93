using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # With "local" and "private" a stand-in for User.com on this machine can be reached as well.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "../.cache/worker.js")],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "USERCOM_SUBDOMAIN", fromEnvironment = "USERCOM_SUBDOMAIN"),
    (name = "USERCOM_API_KEY", fromEnvironment = "USERCOM_API_KEY"),
    (name = "USERCOM_API_URL", fromEnvironment = "USERCOM_API_URL"),
    (name = "RELAY_ALLOWED_ORIGINS", fromEnvironment = "RELAY_ALLOWED_ORIGINS"),
  ],
);
