using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentKit.Models.Gguf;

/// <summary>
/// One metadata value. Arrays stay in the packed form the file has them in; texts of a large array are decoded one at a time, when asked for.
/// </summary>
public sealed class GgufValue
{
    private static readonly byte[] True = [1], False = [0];

    private readonly byte[] data;
    private readonly int[] ends;

    /// <summary>Wraps packed data: little-endian scalars, or texts one after another with the end of each in <paramref name="ends"/>.</summary>
    internal GgufValue(GgufValueType elementType, bool isArray, byte[] data, int[]? ends = null)
    {
        this.data = data;
        this.ends = ends ?? [];
        ElementType = elementType;
        IsArray = isArray;
        Count = elementType == GgufValueType.String ? this.ends.Length : data.Length / ElementBytes(elementType);
    }

    /// <summary>The scalar type, or <see cref="GgufValueType.Array"/>.</summary>
    public GgufValueType Type => IsArray ? GgufValueType.Array : ElementType;

    /// <summary>The type of the scalar, or of the array's elements.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>True for arrays, empty ones included.</summary>
    public bool IsArray { get; }

    /// <summary>Number of elements; 1 for a scalar.</summary>
    public int Count { get; }

    /// <summary>Text as a value.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator GgufValue(string value) => Texts([value], isArray: false);

    /// <summary>Truth as a value.</summary>
    /// <param name="value">The truth.</param>
    public static implicit operator GgufValue(bool value) => new(GgufValueType.Bool, false, value ? True : False);

    /// <summary>A 32-bit unsigned integer as a value, the type llama.cpp expects for sizes and token ids.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(uint value) => Scalar(GgufValueType.UInt32, value);

    /// <summary>A 32-bit integer as a value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(int value) => Scalar(GgufValueType.Int32, value);

    /// <summary>A 16-bit unsigned integer as a value, the type of <c>split.no</c> and <c>split.count</c>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(ushort value) => Scalar(GgufValueType.UInt16, value);

    /// <summary>A 64-bit unsigned integer as a value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(ulong value) => Scalar(GgufValueType.UInt64, value);

    /// <summary>A 64-bit integer as a value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(long value) => Scalar(GgufValueType.Int64, value);

    /// <summary>A 32-bit float as a value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(float value) => Scalar(GgufValueType.Float32, value);

    /// <summary>A 64-bit float as a value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator GgufValue(double value) => Scalar(GgufValueType.Float64, value);

    /// <summary>An array of texts.</summary>
    /// <param name="values">The texts, in order.</param>
    public static GgufValue Array(IReadOnlyList<string> values) => Texts(values, isArray: true);

    /// <summary>An array of 32-bit integers, the type of <c>tokenizer.ggml.token_type</c>.</summary>
    /// <param name="values">The numbers, in order.</param>
    public static GgufValue Array(ReadOnlySpan<int> values) => Packed(GgufValueType.Int32, values);

    /// <summary>An array of 32-bit unsigned integers.</summary>
    /// <param name="values">The numbers, in order.</param>
    public static GgufValue Array(ReadOnlySpan<uint> values) => Packed(GgufValueType.UInt32, values);

    /// <summary>An array of 32-bit floats.</summary>
    /// <param name="values">The numbers, in order.</param>
    public static GgufValue Array(ReadOnlySpan<float> values) => Packed(GgufValueType.Float32, values);

    /// <summary>The text; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="InvalidOperationException">The value is not a text.</exception>
    public string AsString() => Is(GgufValueType.String, array: false) ? Encoding.UTF8.GetString(data) : throw Mismatch("a text");

    /// <summary>The truth value.</summary>
    /// <exception cref="InvalidOperationException">The value is not a bool.</exception>
    public bool AsBool() => Is(GgufValueType.Bool, array: false) ? data[0] != 0 : throw Mismatch("a bool");

    /// <summary>The integer, whatever its width.</summary>
    /// <exception cref="InvalidOperationException">The value is not an integer.</exception>
    /// <exception cref="OverflowException">An unsigned 64-bit value above <see cref="long.MaxValue"/>.</exception>
    public long AsInteger() => !IsArray && IsIntegral(ElementType) ? IntegerAt(0) : throw Mismatch("an integer");

    /// <summary>The number, integer or float.</summary>
    /// <exception cref="InvalidOperationException">The value is not a number.</exception>
    public double AsNumber() => !IsArray && IsNumeric(ElementType) ? NumberAt(0) : throw Mismatch("a number");

    /// <summary>The texts of an array, decoded now; see <see cref="Utf8"/> for one at a time.</summary>
    /// <exception cref="InvalidOperationException">The value is not an array of texts.</exception>
    public string[] AsStrings()
    {
        if (!Is(GgufValueType.String, array: true)) throw Mismatch("an array of texts");
        var texts = new string[Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = Encoding.UTF8.GetString(Utf8(i));
        return texts;
    }

    /// <summary>The integers of an array.</summary>
    /// <exception cref="InvalidOperationException">The value is not an array of integers.</exception>
    /// <exception cref="OverflowException">An unsigned 64-bit value above <see cref="long.MaxValue"/>.</exception>
    public long[] AsIntegers()
    {
        if (!IsArray || !IsIntegral(ElementType)) throw Mismatch("an array of integers");
        var numbers = new long[Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = IntegerAt(i);
        return numbers;
    }

    /// <summary>The numbers of an array, integers or floats.</summary>
    /// <exception cref="InvalidOperationException">The value is not an array of numbers.</exception>
    public double[] AsNumbers()
    {
        if (!IsArray || !IsNumeric(ElementType)) throw Mismatch("an array of numbers");
        var numbers = new double[Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = NumberAt(i);
        return numbers;
    }

    /// <summary>The bytes of the text at <paramref name="index"/>, without a copy.</summary>
    /// <param name="index">0 for a scalar text, else below <see cref="Count"/>.</param>
    /// <exception cref="InvalidOperationException">The value holds no texts.</exception>
    public ReadOnlySpan<byte> Utf8(int index)
    {
        if (ElementType != GgufValueType.String) throw Mismatch("a text");
        int start = index == 0 ? 0 : ends[index - 1];
        return data.AsSpan(start, ends[index] - start);
    }

    /// <summary>The value as a short text for messages: long texts and arrays are cut.</summary>
    public override string ToString()
    {
        if (IsArray) return $"{Name(ElementType)}[{Count}]";
        string text = ElementType switch
        {
            GgufValueType.String => $"\"{AsString()}\"",
            GgufValueType.Bool => AsBool() ? "true" : "false",
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(data).ToString(),
            _ when IsIntegral(ElementType) => IntegerAt(0).ToString(),
            _ => NumberAt(0).ToString("R"),
        };
        return text.Length <= 80 ? text : text[..79] + "…";
    }

    /// <summary>The packed payload, as <see cref="GgufWriter"/> and readers of whole arrays need it.</summary>
    internal ReadOnlySpan<byte> Data => data;

    /// <summary>Bytes of one element in a file; 0 for texts and arrays, whose size varies.</summary>
    internal static int ElementBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    /// <summary>The type's name in messages, as the GGUF tools write it.</summary>
    internal static string Name(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => "u8",
        GgufValueType.Int8 => "i8",
        GgufValueType.UInt16 => "u16",
        GgufValueType.Int16 => "i16",
        GgufValueType.UInt32 => "u32",
        GgufValueType.Int32 => "i32",
        GgufValueType.Float32 => "f32",
        GgufValueType.Bool => "bool",
        GgufValueType.String => "string",
        GgufValueType.Array => "array",
        GgufValueType.UInt64 => "u64",
        GgufValueType.Int64 => "i64",
        GgufValueType.Float64 => "f64",
        _ => $"type {(uint)type}",
    };

    internal static bool IsIntegral(GgufValueType type) =>
        type is not (GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool or GgufValueType.String or GgufValueType.Array);

    private static bool IsNumeric(GgufValueType type) => IsIntegral(type) || type is GgufValueType.Float32 or GgufValueType.Float64;

    private bool Is(GgufValueType type, bool array) => ElementType == type && IsArray == array;

    private long IntegerAt(int index)
    {
        var at = data.AsSpan(index * ElementBytes(ElementType));
        return ElementType switch
        {
            GgufValueType.UInt8 => at[0],
            GgufValueType.Int8 => (sbyte)at[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
            GgufValueType.UInt64 => checked((long)BinaryPrimitives.ReadUInt64LittleEndian(at)),
            _ => BinaryPrimitives.ReadInt64LittleEndian(at),
        };
    }

    private double NumberAt(int index)
    {
        var at = data.AsSpan(index * ElementBytes(ElementType));
        return ElementType switch
        {
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(at),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(at),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(at),
            _ => IntegerAt(index),
        };
    }

    private InvalidOperationException Mismatch(string wanted) => new($"The metadata value {this} is {Name(Type)}, not {wanted}.");

    private static GgufValue Scalar<T>(GgufValueType type, T value) where T : unmanaged =>
        new(type, false, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray());

    private static GgufValue Packed<T>(GgufValueType type, ReadOnlySpan<T> values) where T : unmanaged =>
        new(type, true, MemoryMarshal.AsBytes(values).ToArray());

    private static GgufValue Texts(IReadOnlyList<string> values, bool isArray)
    {
        var ends = new int[values.Count];
        var bytes = new byte[values.Sum(Encoding.UTF8.GetByteCount)];
        int at = 0;
        for (int i = 0; i < ends.Length; i++) ends[i] = at += Encoding.UTF8.GetBytes(values[i], bytes.AsSpan(at));
        return new GgufValue(GgufValueType.String, isArray, bytes, ends);
    }
}
