using System.Text;

namespace AgentKit.SlowTests.Server;

/// <summary>A message with something wrong: characters changed, cut, doubled, or a value put in place of another.</summary>
internal static class Mutation
{
    private static readonly string[] Values =
        ["null", "-1", "1e999", "\"\"", "[]", "{}", "true", "\"\\ud800\"", "[[[[[[[[[[", "99999999999999999999", "\"tools/call\"", "{\"$ref\":\"#\"}"];

    public static string Of(Random random, string message)
    {
        var text = new StringBuilder(message);
        for (int i = random.Next(1, 4); i > 0 && text.Length > 2; i--)
        {
            int at = random.Next(text.Length);
            switch (random.Next(5))
            {
                case 0:
                    text[at] = (char)random.Next(32, 127);
                    break;
                case 1:
                    text.Length = at;
                    break;
                case 2:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 3:
                    text.Insert(at, text.ToString(at, Math.Min(30, text.Length - at)));
                    break;
                default:
                    text.Insert(at, Values[random.Next(Values.Length)]);
                    break;
            }
        }

        return text.ToString();
    }
}
