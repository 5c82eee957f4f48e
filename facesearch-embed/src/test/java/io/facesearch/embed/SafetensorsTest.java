package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String HEADER =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"half\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
          + "\"single\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]},"
          + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[16,20]},"
          + "\"double\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[20,28]},"
          + "\"long\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[28,36]},"
          + "\"none\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[36,36]}}";

  private static byte[] sound() {
    byte[] bytes = file(HEADER, 36);
    ByteBuffer data =
        ByteBuffer.wrap(bytes, bytes.length - 36, 36).slice().order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3c00).putShort((short) 0xc000); // 1, -2
    data.putShort((short) 0x3555).putShort((short) 0x0001); // about 1/3, 2^-24
    data.putFloat(1.5f).putFloat(-0f);
    data.putShort((short) 0x3f80).putShort((short) 0xc040); // 1, -3
    data.putDouble(0.25).putLong(7);
    return bytes;
  }

  /** A file with that header, and that many zeros as data. */
  static byte[] file(String header, int data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  @Test
  void readsAllFloatingTypes() {
    Safetensors file = Safetensors.parse("f", sound());
    assertThat(file.names()).containsExactly("half", "single", "brain", "double", "long", "none");
    assertThat(file.shape("half")).containsExactly(2, 2);
    assertThat(file.floats("half", 2, 2)).containsExactly(1, -2, 0.33325195f, 0x1p-24f);
    assertThat(file.floats("single", 2)).containsExactly(1.5f, -0f);
    assertThat(file.floats("brain", 2)).containsExactly(1, -3);
    assertThat(file.floats("double")).containsExactly(0.25f);
    assertThat(file.floats("none", 0, 3)).isEmpty();
  }

  @Test
  void readsTheBundledWeights() {
    Safetensors file = Safetensors.parse("dlib", TestWeights.dlib());
    assertThat(file.names()).hasSize(59);
    for (String name : file.names()) {
      for (float value : file.floats(name, file.shape(name))) {
        assertThat(Float.isFinite(value)).isTrue();
      }
    }
  }

  @Test
  void saysWhichTensorIsNotAsExpected() {
    Safetensors file = Safetensors.parse("f", sound());
    assertThatThrownBy(() -> file.floats("half", 4))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessage("f: tensor half: expected shape [4], but found [2, 2]");
    assertThatThrownBy(() -> file.floats("long", 1))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("f: tensor long: expected F16, BF16, F32 or F64, but found I64");
    assertThatThrownBy(() -> file.floats("absent", 1))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("f: tensor absent is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // A tensor of 2^60 bytes, honestly and dishonestly described.
        "{'a':{'dtype':'F32','shape':[288230376151711744],'data_offsets':[0,1152921504606846976]}}"
            + " | end within the 8 bytes of data",
        "{'a':{'dtype':'F32','shape':[288230376151711744],'data_offsets':[0,8]}}"
            + " | expected 1152921504606846976 bytes",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}} | overflows",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | expected 12 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[8,4]}} | expected 4 bytes",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | found -2",
        "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}} | JSON",
        "{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}} | whole numbers",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}} | whole numbers",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}} | two data_offsets",
        "{'a':{'dtype':'F32','shape':[2]}} | two data_offsets",
        "{'a':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}} | found F33",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}} | found x",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | start at 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | expected 4 bytes of data",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | tensor b",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | tensor a appears twice",
        "{'a':[]} | JSON",
        "[] | JSON",
        "{} {} | JSON",
        "{'a' | JSON"
      })
  void refusesUnsoundHeaders(String header, String message) {
    byte[] bytes = file(header.replace('\'', '"'), 8);
    assertThatThrownBy(() -> Safetensors.parse("f.safetensors", bytes))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageStartingWith("f.safetensors: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"-1", "0", "1", "1000", "9223372036854775807", "100000001"})
  void refusesImpossibleHeaderLengths(long length) {
    byte[] bytes = sound();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    assertThatThrownBy(() -> Safetensors.parse("f", bytes))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("header of 2 to");
  }

  @Test
  void refusesAHeaderThatIsNotUtf8() {
    byte[] bytes = sound();
    bytes[20] = (byte) 0xff;
    assertThatThrownBy(() -> Safetensors.parse("f", bytes))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void refusesEveryTruncation() {
    byte[] bytes = sound();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Safetensors.parse("f", cut))
          .isInstanceOf(WeightsFormatException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> Safetensors.parse("f", longer))
        .isInstanceOf(WeightsFormatException.class);
  }

  @Property(tries = 3000)
  void damageIsATypedExceptionOrHarmless(
      @ForAll @IntRange(min = 0, max = 1 << 20) int where,
      @ForAll byte value,
      @ForAll @IntRange(min = 0, max = 1 << 20) int alsoWhere,
      @ForAll byte alsoValue) {
    byte[] bytes = sound();
    bytes[where % bytes.length] = value;
    bytes[alsoWhere % bytes.length] = alsoValue;
    try {
      Safetensors file = Safetensors.parse("f", bytes);
      for (String name : file.names()) {
        file.floats(name, file.shape(name));
      }
    } catch (WeightsFormatException e) {
      assertThat(e).hasMessageStartingWith("f: ");
    }
  }
}
