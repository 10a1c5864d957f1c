/** Who owns a network as long as nobody says otherwise: a name under a domain that no mail reaches (RFC 9476). */
export const FIRST_OWNER = 'admin@netfold.internal';
