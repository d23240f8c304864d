using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary><c>llama_model_kv_override</c> of llama.cpp v0.5.0, 264 bytes: a metadata value. A list of them ends with an empty key.</summary>
[StructLayout(LayoutKind.Explicit, Size = 264)]
internal unsafe struct LlamaKeyValue
{
    public const int TagInteger = 0, TagText = 3, TextBytes = 128;

    [FieldOffset(0)]
    public int Tag;

    [FieldOffset(4)]
    public fixed byte Key[TextBytes];

    [FieldOffset(136)]
    public long Integer;

    [FieldOffset(136)]
    public fixed byte Text[TextBytes];
}
