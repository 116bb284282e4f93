'use strict'
module.exports = require('../dist/node/index.js')
