package dev.tocsin.cloud.http;

/** What a user may do; which operation is whose stands in the contract ({@code x-roles}). */
public enum Role {
    DUTY_OFFICER,
    CREW,
    ADMINISTRATOR
}
