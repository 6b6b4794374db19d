// Writes ctr_drbg.json: CTR_DRBG AES-256 known answers for CTRDRBGTests, computed by OpenSSL 3.
// SPDX-License-Identifier: Apache-2.0
//
// Usage: cc -o make make.c -lcrypto && ./make > ctr_drbg.json     (package: libssl-dev)
//
// The oracle is OpenSSL's "CTR-DRBG" with a "TEST-RAND" parent that hands out the entropy and nonce
// given here. Inputs come from a linear congruential generator, so that the file is reproducible.
//
// A case: derivation function or not, entropy, nonce (with the function only), personalization, steps.
// A step: "reseed" with entropy and additional input; "generate" of `length` bytes with additional
// input; "fresh", the same with prediction resistance, hence with new entropy. "output" is the end
// of what came out, at most 256 bytes of it.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { STRENGTH = 256, OUTPUT_MAX = 65536, SHOWN = 256 };

static uint64_t state = 1;

static void fill(unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (unsigned char)(state >> 56);
    }
}

static void check(int ok, const char *what) {
    if (ok > 0) return;
    fprintf(stderr, "OpenSSL refused: %s\n", what);
    exit(1);
}

static void print(const char *key, const unsigned char *bytes, size_t count) {
    printf(", \"%s\": \"", key);
    for (size_t i = 0; i < count; i++) printf("%02x", bytes[i]);
    printf("\"");
}

static void give(EVP_RAND_CTX *parent, unsigned char *entropy, size_t count) {
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy, count),
        OSSL_PARAM_construct_end(),
    };
    check(EVP_RAND_CTX_set_params(parent, params), "new entropy");
}

struct shape {
    int df;
    size_t entropy, nonce, personalization, additional;
    /// r reseed, g generate, f fresh (prediction resistance); ends with 0
    const char *steps;
    size_t lengths[8];
};

static void run(const struct shape *shape, int first) {
    static unsigned char entropy[256], nonce[64], extra[256], output[OUTPUT_MAX];
    unsigned int strength = STRENGTH;
    EVP_RAND *kind = EVP_RAND_fetch(NULL, "TEST-RAND", NULL);
    EVP_RAND_CTX *parent = EVP_RAND_CTX_new(kind, NULL);
    EVP_RAND_free(kind);
    fill(entropy, shape->entropy);
    fill(nonce, shape->nonce);
    OSSL_PARAM seed[] = {
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy, shape->entropy),
        shape->nonce > 0
            ? OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce, shape->nonce)
            : OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };
    check(EVP_RAND_instantiate(parent, STRENGTH, 0, NULL, 0, seed), "TEST-RAND");

    kind = EVP_RAND_fetch(NULL, "CTR-DRBG", NULL);
    EVP_RAND_CTX *drbg = EVP_RAND_CTX_new(kind, parent);
    EVP_RAND_free(kind);
    int df = shape->df;
    OSSL_PARAM form[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, (char *)"AES-256-CTR", 0),
        OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &df),
        OSSL_PARAM_construct_end(),
    };
    check(EVP_RAND_CTX_set_params(drbg, form), "cipher and derivation function");
    fill(extra, shape->personalization);
    check(
        EVP_RAND_instantiate(drbg, STRENGTH, 0, extra, shape->personalization, NULL), "instantiate");
    printf("%s\n {\"df\": %s", first ? "" : ",", df ? "true" : "false");
    print("entropy", entropy, shape->entropy);
    print("nonce", nonce, shape->nonce);
    print("personalization", extra, shape->personalization);
    printf(", \"steps\": [");
    for (size_t i = 0; shape->steps[i] != 0; i++) {
        char step = shape->steps[i];
        size_t length = step == 'r' ? 0 : shape->lengths[i];
        size_t fresh = step == 'g' ? 0 : shape->entropy;
        fill(entropy, fresh);
        fill(extra, shape->additional);
        if (fresh > 0) give(parent, entropy, fresh);
        if (step == 'r')
            check(EVP_RAND_reseed(drbg, 0, NULL, 0, extra, shape->additional), "reseed");
        else
            check(
                EVP_RAND_generate(
                    drbg, output, length, STRENGTH, step == 'f', extra, shape->additional),
                "generate");
        printf("%s\n  {\"kind\": \"%s\", \"length\": %zu", i == 0 ? "" : ",",
               step == 'r' ? "reseed" : step == 'f' ? "fresh" : "generate", length);
        print("entropy", entropy, fresh);
        print("additional", extra, shape->additional);
        size_t shown = length < SHOWN ? length : SHOWN;
        print("output", output + length - shown, shown);
        printf("}");
    }
    printf("]}");
    EVP_RAND_CTX_free(drbg);
    EVP_RAND_CTX_free(parent);
}

int main(void) {
    // With the derivation function: CAVP's sizes, then odd ones around the 16-byte blocks of it.
    static const size_t with[][3] = {{32, 16, 0}, {32, 16, 32}, {48, 16, 1}, {33, 17, 47}, {64, 32, 100}};
    // Without it: the entropy is the seed, 48 bytes, and strings are at most as long.
    static const size_t without[][3] = {{48, 0, 0}, {48, 0, 48}, {48, 0, 19}};
    static const size_t additional[] = {0, 32, 48, 7};
    static const struct shape plans[] = {
        {.steps = "gg", .lengths = {64, 64}},
        {.steps = "rgg", .lengths = {0, 64, 64}},
        {.steps = "ff", .lengths = {64, 64}},
        {.steps = "ggrgfg", .lengths = {1, 15, 0, 17, 1000, 16}},
    };
    int first = 1;
    printf("[");
    for (int df = 1; df >= 0; df--)
        for (size_t form = 0; form < (df ? 5u : 3u); form++)
            for (size_t a = 0; a < 4; a++)
                for (size_t p = 0; p < 4; p++) {
                    struct shape shape = plans[p];
                    const size_t *sizes = df ? with[form] : without[form];
                    shape.df = df;
                    shape.entropy = sizes[0];
                    shape.nonce = sizes[1];
                    shape.personalization = sizes[2];
                    shape.additional = additional[a];
                    run(&shape, first);
                    first = 0;
                }
    // The longest request, followed by one more that shows the state after it.
    for (int df = 0; df < 2; df++) {
        struct shape shape = {
            .df = df, .entropy = 48, .nonce = df ? 16 : 0, .steps = "ggg", .lengths = {65536, 65535, 16}};
        run(&shape, 0);
    }
    printf("\n]\n");
    return 0;
}
