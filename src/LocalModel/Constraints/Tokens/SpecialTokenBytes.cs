using System.Text;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// How a special token stands in a grammar's byte stream: written with bytes that no UTF-8 text contains, so that ordinary text can never
/// pass for a special token and the name of a special token is never mistaken for text.
/// </summary>
internal static class SpecialTokenBytes
{
    /// <summary>The smallest byte that only special tokens use.</summary>
    internal const byte FirstReserved = 0xF5;

    private const byte Mark = 0xFF;

    /// <summary>The bytes for the special token with this text.</summary>
    internal static byte[] Of(string token)
    {
        var name = Encoding.UTF8.GetBytes(token);
        var bytes = new byte[(name.Length * 3) + 2];
        (bytes[0], bytes[^1]) = (Mark, Mark);
        for (var i = 0; i < name.Length; i++)
        {
            bytes[(i * 3) + 1] = (byte)(FirstReserved + (name[i] >> 6));
            bytes[(i * 3) + 2] = (byte)(FirstReserved + (name[i] >> 3 & 7));
            bytes[(i * 3) + 3] = (byte)(FirstReserved + (name[i] & 7));
        }

        return bytes;
    }
}
