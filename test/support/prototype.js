/* eslint @typescript-eslint/no-this-alias: off -- code of its time */
/*
 * What Prototype.js 1.6 changes of the language, written after its documentation: its own map, find, some and reduce,
 * toJSON everywhere, Array.from and Object.keys by other rules, a bind of its own.
 */
;(function () {
  var stop = {}
  function extend(target, source) {
    for (var name in source) target[name] = source[name]
    return target
  }
  function toList(value) {
    if (!value) return []
    if (value.toArray) return value.toArray()
    var length = value.length || 0,
      list = new Array(length)
    while (length--) list[length] = value[length]
    return list
  }
  Array.from = toList
  extend(Function.prototype, {
    bind: function () {
      if (arguments.length < 2 && arguments[0] === undefined) return this
      var method = this,
        args = toList(arguments),
        object = args.shift()
      return function () {
        return method.apply(object, args.concat(toList(arguments)))
      }
    },
    delay: function () {},
    defer: function () {},
    wrap: function () {},
  })
  function quote(text) {
    return '"' + text.replace(/["\\]/g, '\\$&') + '"'
  }
  function toJson(value) {
    if (value === undefined || typeof value === 'function') return
    if (value === null) return 'null'
    if (typeof value === 'boolean') return String(value)
    if (value.toJSON) return value.toJSON()
    var parts = []
    for (var name in value) {
      var part = toJson(value[name])
      if (part !== undefined) parts.push(quote(name) + ': ' + part)
    }
    return '{' + parts.join(', ') + '}'
  }
  extend(Object, {
    extend: extend,
    toJSON: toJson,
    keys: function (object) {
      var keys = []
      for (var name in object) keys.push(name)
      return keys
    },
    values: function (object) {
      var values = []
      for (var name in object) values.push(object[name])
      return values
    },
    clone: function (object) {
      return extend({}, object)
    },
    isArray: function (value) {
      return value != null && typeof value === 'object' && 'splice' in value && 'join' in value
    },
  })
  function identity(value) {
    return value
  }
  var enumerable = {
    each: function (iterator, context) {
      var index = 0
      iterator = iterator.bind(context)
      try {
        this._each(function (value) {
          iterator(value, index++)
        })
      } catch (error) {
        if (error !== stop) throw error
      }
      return this
    },
    all: function (iterator, context) {
      iterator = iterator ? iterator.bind(context) : identity
      var result = true
      this.each(function (value, index) {
        result = result && !!iterator(value, index)
        if (!result) throw stop
      })
      return result
    },
    any: function (iterator, context) {
      iterator = iterator ? iterator.bind(context) : identity
      var result = false
      this.each(function (value, index) {
        if ((result = !!iterator(value, index))) throw stop
      })
      return result
    },
    collect: function (iterator, context) {
      iterator = iterator ? iterator.bind(context) : identity
      var results = []
      this.each(function (value, index) {
        results.push(iterator(value, index))
      })
      return results
    },
    detect: function (iterator, context) {
      iterator = iterator.bind(context)
      var result
      this.each(function (value, index) {
        if (iterator(value, index)) {
          result = value
          throw stop
        }
      })
      return result
    },
    findAll: function (iterator, context) {
      iterator = iterator.bind(context)
      var results = []
      this.each(function (value, index) {
        if (iterator(value, index)) results.push(value)
      })
      return results
    },
    include: function (object) {
      return this.indexOf(object) !== -1
    },
    inject: function (memo, iterator, context) {
      iterator = iterator.bind(context)
      this.each(function (value, index) {
        memo = iterator(memo, value, index)
      })
      return memo
    },
    toArray: function () {
      return this.map()
    },
    size: function () {
      return this.toArray().length
    },
  }
  extend(enumerable, {
    map: enumerable.collect,
    find: enumerable.detect,
    select: enumerable.findAll,
    filter: enumerable.findAll,
    member: enumerable.include,
    entries: enumerable.toArray,
    every: enumerable.all,
    some: enumerable.any,
  })
  extend(Array.prototype, enumerable)
  extend(Array.prototype, {
    _each: function (iterator) {
      for (var index = 0, length = this.length; index < length; index++) iterator(this[index])
    },
    clear: function () {
      this.length = 0
      return this
    },
    first: function () {
      return this[0]
    },
    last: function () {
      return this[this.length - 1]
    },
    reduce: function () {
      return this.length > 1 ? this : this[0]
    },
    clone: function () {
      return [].concat(this)
    },
    toArray: function () {
      return [].concat(this)
    },
    toJSON: function () {
      var results = []
      this.each(function (value) {
        var part = toJson(value)
        if (part !== undefined) results.push(part)
      })
      return '[' + results.join(', ') + ']'
    },
  })
  extend(String.prototype, {
    sub: function () {},
    strip: function () {
      return this.trim()
    },
    truncate: function () {},
    toArray: function () {
      return this.split('')
    },
    startsWith: function (pattern) {
      return this.indexOf(pattern) === 0
    },
    endsWith: function (pattern) {
      var at = this.length - pattern.length
      return at >= 0 && this.lastIndexOf(pattern) === at
    },
    include: function (pattern) {
      return this.indexOf(pattern) > -1
    },
    toJSON: function () {
      return quote(this)
    },
  })
  Number.prototype.toJSON = function () {
    return isFinite(this) ? this.toString() : 'null'
  }
  Date.prototype.toJSON = function () {
    return '"' + this.getUTCFullYear() + '"'
  }
})()
