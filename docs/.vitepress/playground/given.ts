import { useRouter } from "vitepress";
import { onMounted, onUnmounted, ref, shallowRef } from "vue";

/** The secret that both parts of the page use. It is in the memory of this page alone. */
export const secret = ref("");

/** A delivery that the second part hands to the first. */
export const handedOver = shallowRef<{ readonly body: Uint8Array; readonly signature: string }>();

/**
 * Forgets everything when the page is left. The next page is loaded afresh, so that its memory is empty and the content
 * security policy of this page ends. `pagehide` covers a page that the browser keeps for its back button.
 */
export function useForgetting(forgetMore: () => void): void {
  const router = useRouter();
  const forget = () => {
    secret.value = "";
    handedOver.value = undefined;
    forgetMore();
  };
  onMounted(() => {
    const { pathname } = location;
    addEventListener("pagehide", forget);
    router.onBeforePageLoad = (to) => {
      if (new URL(to, location.href).pathname === pathname) return true;
      forget();
      location.reload();
      return false;
    };
  });
  onUnmounted(() => removeEventListener("pagehide", forget));
}
