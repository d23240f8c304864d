using System.Buffers.Binary;
using Npgsql.Internal;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>
/// pgvector's type <c>vector</c> in PostgreSQL's binary form: number of dimensions (int16), 0 (int16), then each value (float4), all big-endian.
/// </summary>
internal sealed class VectorConverter() : PgStreamingConverter<ReadOnlyMemory<float>>(customDbNullPredicate: false)
{
    private const int HeadBytes = 2 * sizeof(short);

    public override ReadOnlyMemory<float> Read(PgReader reader)
    {
        byte[] bytes = new byte[reader.CurrentRemaining];
        reader.ReadBytes(bytes);
        return Decode(bytes);
    }

    public override async ValueTask<ReadOnlyMemory<float>> ReadAsync(PgReader reader, CancellationToken cancellationToken = default)
    {
        byte[] bytes = new byte[reader.CurrentRemaining];
        await reader.ReadBytesAsync(bytes, cancellationToken).ConfigureAwait(false);
        return Decode(bytes);
    }

    public override Size GetSize(SizeContext context, ReadOnlyMemory<float> value, ref object? writeState) => HeadBytes + (value.Length * sizeof(float));

    public override void Write(PgWriter writer, ReadOnlyMemory<float> value) => writer.WriteBytes(Encode(value.Span));

    public override ValueTask WriteAsync(PgWriter writer, ReadOnlyMemory<float> value, CancellationToken cancellationToken = default) =>
        writer.WriteBytesAsync(Encode(value.Span), cancellationToken);

    private static byte[] Encode(ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[HeadBytes + (vector.Length * sizeof(float))];
        BinaryPrimitives.WriteInt16BigEndian(bytes, checked((short)vector.Length));
        for (int i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(HeadBytes + (i * sizeof(float))), vector[i]);
        return bytes;
    }

    private static float[] Decode(ReadOnlySpan<byte> bytes)
    {
        float[] vector = new float[BinaryPrimitives.ReadInt16BigEndian(bytes)];
        for (int i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleBigEndian(bytes[(HeadBytes + (i * sizeof(float)))..]);
        return vector;
    }
}
