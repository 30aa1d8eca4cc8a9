/**
 * The one package that knows the web framework: the contract becomes a validating router, a request becomes a
 * {@link dev.tocsin.cloud.http.Call}, what a feature answers becomes a response. Start with
 * {@link dev.tocsin.cloud.http.HttpApi}.
 */
@NullMarked
package dev.tocsin.cloud.http;

import org.jspecify.annotations.NullMarked;
