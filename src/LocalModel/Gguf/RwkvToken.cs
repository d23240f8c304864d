using System.Globalization;
using System.Text;

namespace AgentKit.Models.Gguf;

/// <summary>Texts of RWKV vocabularies stand for bytes: <c>\t \n \r \xHH</c>, and a backslash before any other character means that character.</summary>
internal static class RwkvToken
{
    /// <summary>The bytes a token stands for.</summary>
    /// <param name="escaped">The token's bytes, one per character.</param>
    internal static byte[] Unescape(string escaped)
    {
        var bytes = new List<byte>(escaped.Length);
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\' || i + 1 == escaped.Length)
            {
                bytes.AddRange(Encoding.Latin1.GetBytes(escaped, i, 1));
                continue;
            }
            char code = escaped[++i];
            if (code == 'x' && byte.TryParse(escaped.AsSpan(i + 1, Math.Min(2, escaped.Length - i - 1)), NumberStyles.AllowHexSpecifier, null, out byte hex))
            {
                bytes.Add(hex);
                i += 2;
            }
            else bytes.Add(code switch { 't' => (byte)'\t', 'n' => (byte)'\n', 'r' => (byte)'\r', _ => (byte)code });
        }
        return [.. bytes];
    }
}
