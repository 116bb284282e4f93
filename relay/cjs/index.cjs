'use strict'
// The same module as for `import`: two copies would each keep allowances and outboxes of their own.
module.exports = require('../dist/index.js')
