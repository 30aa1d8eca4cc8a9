/**
 * Who may say and hear what on the embedded broker.
 *
 * <p>Enters: a file of users with hashed passwords, and the broker's questions. Leaves: yes or no. A refusal is what keeps
 * a sensor from raising an alert in another's name, so the rules are plain data: start reading at {@link
 * dev.tocsin.standalone.broker.access.Role}.
 */
@NullMarked
package dev.tocsin.standalone.broker.access;

import org.jspecify.annotations.NullMarked;
