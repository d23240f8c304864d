namespace AgentKit.Models.Engine;

/// <summary>The KV of a sequence in main memory.</summary>
/// <param name="scope">The adapters it was computed with.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="state">llama.cpp's copy of its KV.</param>
internal sealed class StoredPrefix(int scope, int[] tokens, byte[] state)
{
    public int Scope => scope;

    public int[] Tokens => tokens;

    public byte[] State => state;

    /// <summary>Bytes it takes.</summary>
    public long Size => state.LongLength + ((long)sizeof(int) * tokens.Length);

    /// <summary>Its place in the order of use.</summary>
    public LinkedListNode<StoredPrefix>? Place { get; set; }
}
