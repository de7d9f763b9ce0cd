import icon from '../../kit/icon.svg'

export function Logo() {
  return <img class="logo" src={icon} alt="" width={36} height={36} />
}
