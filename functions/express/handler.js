// What Lambda calls: the same app, with API Gateway's events turned into requests.
'use strict';

const serverless = require('serverless-http');
const app = require('./app');

exports.handler = serverless(app, { binary: ['image/*'] });
