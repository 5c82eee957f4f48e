package io.facesearch.store;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.util.SecretBytes;
import io.facesearch.index.internal.file.Seal;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The key of the caller. It encrypts only the data key of a store, which is drawn at random and
 * encrypts the rest, so that the caller's key is used a few times in its life. Thread-safe.
 */
final class StoreKey {
  private final Aead aead;

  private StoreKey(Aead aead) {
    this.aead = aead;
  }

  /** A key of AES-GCM, 16 or 32 bytes. */
  @AccessesPartialKey
  static StoreKey of(byte[] key) {
    if (key.length != 16 && key.length != 32) {
      throw new IllegalArgumentException(
          "a key must have 16 or 32 bytes (AES-128 or AES-256), but has " + key.length);
    }
    try {
      AesGcmParameters parameters =
          AesGcmParameters.builder()
              .setKeySizeBytes(key.length)
              .setIvSizeBytes(12)
              .setTagSizeBytes(16)
              .setVariant(AesGcmParameters.Variant.NO_PREFIX)
              .build();
      AesGcmKey gcm =
          AesGcmKey.builder()
              .setParameters(parameters)
              .setKeyBytes(SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()))
              .build();
      return of(
          KeysetHandle.newBuilder()
              .addEntry(KeysetHandle.importKey(gcm).withRandomId().makePrimary())
              .build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not there", e);
    }
  }

  /** Keys of any authenticated encryption (AEAD) of Tink. */
  static StoreKey of(KeysetHandle keys) {
    return new StoreKey(aead(keys));
  }

  private static Aead aead(KeysetHandle keys) {
    try {
      AeadConfig.register();
      return keys.getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "the keys must be for authenticated encryption (AEAD), but are: " + keys, e);
    }
  }

  /**
   * Draws a data key. XAES-256-GCM is AES-256-GCM with a key derived anew for each message, so that
   * nonces may be drawn at random for any number of messages.
   */
  static KeysetHandle newDataKey() {
    try {
      AeadConfig.register();
      return KeysetHandle.generateNew(
          PredefinedAeadParameters.XAES_256_GCM_192_BIT_NONCE_NO_PREFIX,
          RegistryConfiguration.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not there", e);
    }
  }

  static Seal seal(KeysetHandle dataKey, UUID store) {
    Aead aead = aead(dataKey);
    return new Seal(
        new Seal.Cipher() {
          @Override
          public byte[] encrypt(byte[] plain, byte[] place) throws GeneralSecurityException {
            return aead.encrypt(plain, place);
          }

          @Override
          public byte[] decrypt(byte[] sealed, byte[] place) throws GeneralSecurityException {
            return aead.decrypt(sealed, place);
          }
        },
        store);
  }

  byte[] wrap(KeysetHandle dataKey, UUID store) {
    try {
      return TinkProtoKeysetFormat.serializeEncryptedKeyset(
          dataKey, aead, bytes(store), RegistryConfiguration.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key cannot encrypt", e);
    }
  }

  /** The data key, or null if this key did not wrap it. */
  @Nullable KeysetHandle unwrap(byte[] wrapped, UUID store) {
    try {
      return TinkProtoKeysetFormat.parseEncryptedKeyset(
          wrapped, aead, bytes(store), RegistryConfiguration.get());
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  private static byte[] bytes(UUID store) {
    return ByteBuffer.allocate(16)
        .putLong(store.getMostSignificantBits())
        .putLong(store.getLeastSignificantBits())
        .array();
  }
}
